"""The words by which a goal shows what it is about, as data. No database, no logic.

A word may speak for several subjects. English ones are beginnings of words ("calibrat" is in "calibrated"); "_" is a
blank. These lists are what lets a step that shares no word with the goal above ("a first-piece check by two people")
be recognised as being about the same thing ("scrap").
"""

from collections.abc import Mapping

WORDS_ZH: Mapping[str, str] = {
    "quality": """
        质量 合格 不良 缺陷 返工 返修 返厂 报废 直通 良率 收率 一次通过 一次验收 首件 检验 全检 抽检 抽测 检测
        公差 精度 色差 漏检 错装 漏装 校准 标定 内控 偏差 放行 审核 整改 退货 客诉 退件 差错 出错 错单 核对 复核
        自检 错误 核对单 失效 老化 变异 损失 碎片 焊接 毛刺 裂纹 泄漏
    """,
    "delivery": """
        交付 交期 准时 按期 准交 齐套 排产 排期 投料 发货 装柜 到货 周期 节拍 瓶颈 交货 缺料 缺件 插单 产能 预订
        并行 外协 配套 延误 拖延 提前 班次 物料 开工 停炉 备件 备料 制程 生产计划 转入批量 量产
    """,
    "cost": """
        成本 费用 降本 单耗 能耗 损耗 节约 采购价 材料 利用率 套裁 支出 单价 谈判 议价 料耗 返工率 废品 毛利
        报废 工时 刀具 替代 合并 压降
    """,
    "sales": """
        销售 签约 客户 订单 线索 商机 成交 转化 市场 报价 投标 中标 招标 试用 试装 复购 续约 续费 出口额 推荐
        渠道 经销商 代理 铺货 首单 询盘 会员 转介绍 门店 收入 额度 合同额 客单 促销 新品 加购
    """,
    "service": """
        投诉 到场 维修 修复 响应 客服 售后 满意 点评 报修 工单 候诊 排队 等待 服务 回访 坐席 转接 安抚 补救
        首次解决 驻点 技师 故障 业主 患者 旅客 玩家 差评 赔付 办结 审批 办理
    """,
    "development": """
        研发 设计 图纸 样机 样件 试验 台架 新品 原型 需求 评审 变更 立项 迭代 专利 仿真 型号 流片 验证 开发 临床
        入组 配方 试制 冻结 任务书 结题 工况 振动 比对
    """,
    "staff": """
        离职 留存 流失 招聘 录用 到岗 简历 面试 晋升 薪酬 津贴 补贴 工资 轮岗 继任 任职资格 双通道 答辩 培养
        带教 师傅 上岗 持证 技能 排班 班车 休息 宿舍 员工 敬业 候选人 缺勤 夜班 骨干 多能工
    """,
    "feedback": """
        反馈 面谈 绩效 辅导 一对一 目标 对齐 行为 迁移 提问 教练 复盘 约定 事实 期待 结项 短板 主管 上级目标
        协作 跨部门 接口人 沟通
    """,
    "finance": """
        应收 回款 账款 账期 现金流 结账 对账 预算 税 发票 还款 催收 逾期 贷款 不良 授信 凭证 报销 审计 内控 付款
        赔付 理赔 保费 坏账 资金 结算 征信 信用
    """,
    "safety": """
        安全 事故 工伤 隐患 消防 防护 联锁 未遂 坠落 动火 可燃 泄漏 疲劳 刹车 支护 锚杆 顶板 疏散 护目镜 安全带
        急停 光栅 食品安全 农残 临边 脚手架
    """,
    "energy": """
        能耗 用电 节能 空压 照明 漏气 蒸汽 变频 余热 煤气 用水 节水 耗电 断电 抄表 碳 光伏 锅炉 排放 废水 热送
    """,
    "systems": """
        系统 接口 数据库 网络 交换机 服务器 宕机 可用率 上线 回滚 灰度 备份 告警 短信告警 重试 链路 账号 漏洞
        权限 数据 自动 监控 主备 主数据 编码 电子 平台 线上化 口径 报表
    """,
    "stock": """
        库存 在制品 周转 呆滞 缓存 批量 仓库 账实 盘点 库位 看板 安全库存 寄售 调拨 预测 滚动 需求计划 补货 滞销
    """,
    "equipment": """
        设备 停机 换型 换模 保养 点检 模具 机床 主轴 刀具 稼动 综合效率 故障 易损件 维护 夹具 吸盘
    """,
    "supplier": """
        供应商 来料 采购 供货 备选 独家 驻厂 外购 原料 批次 名录 供货商
    """,
    "export": """
        出口 海外 国外 外贸 报关 清关 原产地 越南 欧洲 德国 东南亚 中东 认证 装柜 唛头 海运 本地化
    """,
    "project": """
        项目 工程 工期 贯通 竣工 基坑 并网 节点 里程碑 施工 验收 船坞 安装 迁改
    """,
    "marketing": """
        品牌 线索 曝光 直播 官网 表单 投放 内容 搜索 触达 口碑 转化率 活跃 推送 用户 拉新 沉睡 引导 留存
    """,
    "compliance": """
        合同 纠纷 法务 违规 制度 流程 监管 报送 审计 档案 归档 检索 印章 合规 权限 诉讼
    """,
    "training": """
        培训 考试 认证 学员 上手 技能 课程 带练 教学 学生 通过率 补课
    """,
}

WORDS_EN: Mapping[str, str] = {
    "quality": """
        cpk spc ppm defect quality yield scrap rework reject warranty failure fault inspection inspect audit
        tolerance root_cause calibrat test retest burn-in error returns complaint
    """,
    "delivery": """
        delivery lead_time on-time on_time ship dispatch schedule bottleneck deliver late order-to-delivery
        picking packing frozen capacity
    """,
    "cost": """
        cost expense spend saving margin price waste cheaper material tender
    """,
    "sales": """
        sales customer order deal lead prospect contract revenue quote reseller channel discount upsell basket
        renew renewal market trial reference
    """,
    "service": """
        service support ticket complaint repair satisfaction patient wait answer response visit engineer help
        hotline customer_service
    """,
    "development": """
        eco plm design prototype research develop requirement release change drawing verification validation
        simulation experiment patent idea
    """,
    "staff": """
        hire hiring recruit turnover leave roster pay salary promotion training trainee skill retention
        candidate staff employee vacancy role nurse
    """,
    "feedback": """
        feedback talk coach manager one-on-one performance goal behaviour cooperation
    """,
    "finance": """
        receivable cash invoice collection close accrual budget forecast payment credit overdue tax audit ledger
        dso
    """,
    "safety": """
        injury accident safety guard interlock near_miss forklift burn hazard protective barrier fire helmet
    """,
    "energy": """
        cod energy electricity power steam leak heat heating water carbon emission compressed-air furnace idle
    """,
    "systems": """
        server database interface network uptime outage deploy failover alert access account data patch
        certificate automated regression migration rollback
    """,
    "stock": """
        inventory stock warehouse turnover wip buffer batch consignment replenish forecast
    """,
    "equipment": """
        oee equipment machine changeover downtime maintenance tool effectiveness valve uptime breakdown stoppage
        machine_stop spare wear press
    """,
    "supplier": """
        ppap supplier vendor procurement incoming purchase source
    """,
    "export": """
        reach export overseas customs abroad foreign nordic international
    """,
    "project": """
        project construction milestone commission inspection site opening
    """,
    "marketing": """
        brand campaign website click visitor form content user onboarding activation churn usage
    """,
    "compliance": """
        contract compliance policy archive permit regulation legal breach privacy security
    """,
    "training": """
        exam pupil lesson teach course certificate learn
    """,
}
